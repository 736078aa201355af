"""The user's own data: folders, tables and hubs, found, split and read when they are needed."""
