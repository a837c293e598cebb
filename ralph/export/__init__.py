"""Forms in which a timeline is taken away, one file each; entry points `ralph.exports` add others."""
