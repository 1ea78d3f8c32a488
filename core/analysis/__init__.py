"""Statistics of maps: how concentrated, where, how alike, and what is wrong with them. No torch here."""
