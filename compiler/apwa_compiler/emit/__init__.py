"""What a plan is written as: JSON, a Python program, Mermaid, SVG."""
