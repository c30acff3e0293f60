"""`codaserve critic collect`: Monte-Carlo values of a policy's half-written answers, as a data set."""
