"""A trained model as ONNX graphs, and as one HTML page that runs them in a browser."""
