"""How far one map can be trusted."""
