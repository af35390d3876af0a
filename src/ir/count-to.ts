/** So many whole numbers, one after the other. */
export const countTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i)
