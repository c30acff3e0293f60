"""The critic in the words of other projects, one file each, over HTTP."""
