"""Pictures of an event table: charts, pages, the notebook's explorer."""
