"""Running statements: interpreter, variables, transactions, DDL, built-in procedures."""
