"""The seeded simulation: the real roads over a cloud in memory, with faults at every call."""
