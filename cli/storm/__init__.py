"""The rehearsal of disasters: kills, faults and changes of mind, and the reckoning afterwards."""
