"""Direct Advantage Policy Optimization (arXiv 2412.18279): offline, on triples of a state, a step and its advantage."""
