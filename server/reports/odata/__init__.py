"""The OData feed of a form: what it is made of, and how each submission becomes rows of it."""
