"""Speed of the critic."""
