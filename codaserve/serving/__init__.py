"""What the scorer's and the critic's server share: settings, admission, start and stop."""
