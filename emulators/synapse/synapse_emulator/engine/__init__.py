"""The storage: DuckDB database, catalogue, errors, lake access and COPY INTO."""
