"""The parts of the push benchmark: receiver, messages, channel, processes, the reckoning."""
