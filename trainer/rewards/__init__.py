"""What a response is worth: correctness for itself, and a reward of several parts."""
