"""How times are written in the administration, by language; see FORMAT_MODULE_PATH."""
