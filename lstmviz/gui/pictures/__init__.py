"""Pictures and animations of the views and the window, as files and for the clipboard."""
