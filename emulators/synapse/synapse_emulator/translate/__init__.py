"""T-SQL trees to DuckDB SQL, with the T-SQL type of every result column."""
