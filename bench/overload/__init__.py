"""What a scorer still gives when ten times as much is asked of it as it can do."""
