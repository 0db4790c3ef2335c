"""The importer most projects would write first, to measure against: python-frontmatter and update_or_create."""
