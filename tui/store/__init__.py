"""Where things live on disk: paths, settings, the database, image files."""
