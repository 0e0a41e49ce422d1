"""Names, types, templates and effects: from syntax trees to a typed program."""
