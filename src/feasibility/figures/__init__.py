"""Pictures of the results: Plotly figures of a stable shape, so that they change in place. A module a view."""
