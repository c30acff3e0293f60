"""The trainer beside TRL's GRPOTrainer: rollouts per second, time of a step and of its parts, memory."""
