"""The face without a screen: text, one JSON object, or the event stream."""
