"""The Compare page's parts: runs beside each other over depth, map against map, region by region."""
