//! The page in a browser: it asks for nothing, says nothing on the console, and does not stick out of a narrow screen.
