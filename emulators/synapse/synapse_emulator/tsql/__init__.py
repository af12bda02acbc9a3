"""T-SQL text to a tree: lexer, grammar and what the dedicated pool refuses."""
