/*-------------------------------------------------------------------------
 *
 * display.h
 *		Text for terminals: width, shortening, and hostile characters made
 *		visible.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_DISPLAY_H
#define SQL_AGENT_DISPLAY_H

/* columns that the text takes on a terminal (East Asian wide = 2, combining = 0) */
extern int display_width(const char *text);

/*
 * A palloc'ed copy in which control characters (newline and tab too), bidi
 * controls, zero-width and tag characters, and invalid bytes are written as
 * visible escapes: \n, \t, \x1b, \u202e, \U000e0041.  A backslash stays one.
 */
extern char *display_escape(const char *text);

/*
 * A palloc'ed copy without them: a blank stands for control characters and for
 * invalid bytes, the rest is left out.  For texts that a program reads.
 */
extern char *display_plain(const char *text);

/* does display_escape() have anything to do? */
extern bool display_is_clean(const char *text);

/* cut to that many terminal columns, ending with one ellipsis where cut; palloc'ed */
extern char *display_shorten(const char *text, int max_width, bool *shortened);

/* with thousands separators: 15000.5 -> 15,000.5; anything that is no number is returned as it is */
extern char *display_number(const char *number);

#endif /* SQL_AGENT_DISPLAY_H */
