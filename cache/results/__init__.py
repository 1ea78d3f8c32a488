"""Computed maps in diskcache, without a pickle anywhere."""
