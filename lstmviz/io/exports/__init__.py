"""A run as files for other programs: tables, arrays, and scripts that compute it again."""
