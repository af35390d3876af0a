/** Columns of a line of generated code. */
export const LINE_WIDTH = 120

/** No lone surrogate: such text has no UTF-8, and no place in a file or in the name of an export. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)
