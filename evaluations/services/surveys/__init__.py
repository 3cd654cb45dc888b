"""A survey's life until its close: opened, planned, mailed, given more time, called off; several as a wave."""
