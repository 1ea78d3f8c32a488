"""How true maps are: `trust` looks at one map, `benchmark` at a model on known scenes, `datasets` has people's own."""
