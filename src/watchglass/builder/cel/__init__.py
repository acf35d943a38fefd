"""CEL over JSON values: cel-python reads the expression; the walk over its tree is ours, with bounds and sentences."""
