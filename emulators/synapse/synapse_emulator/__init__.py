"""A stand-in for a Synapse dedicated SQL pool: TDS 7.4 in front of a DuckDB file."""
