"""Export formats for timelines, one file each; entry points `ralph.exports` add others."""
