"""Where contacts are kept: the Store protocol, the tables, the statements, and one module for each engine."""
