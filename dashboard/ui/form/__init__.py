"""The form that asks: fields, pictures, draft, forecast."""
