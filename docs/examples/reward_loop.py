"""Rewards in a training loop of one's own: `reward_loop.py [HOST:PORT]`, with a scorer running there."""

import sys

import codaserve

ADDRESS = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051"

prompts = ["2 + 2 = ?"] * 3
responses = ["It is \\boxed{4}.", "It is \\boxed{5}.", "I do not know."]  # sampled from your policy
rewards = codaserve.reward(prompts, responses, tasks=["4"] * 3, addresses=ADDRESS)
scored = [(response, reward) for response, reward in zip(responses, rewards, strict=True) if reward is not None]
mean = sum(reward for _, reward in scored) / max(len(scored), 1)
for response, reward in scored:  # a response without a reward has no advantage either
    print(f"{reward - mean:+.2f}  {response}")
