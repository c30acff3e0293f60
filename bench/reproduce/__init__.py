"""Do the papers' methods help? Every part of them beside GRPO, on two families of tasks, with equal rollouts."""
