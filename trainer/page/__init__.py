"""The page that shows runs: one HTML file that needs nothing else."""
