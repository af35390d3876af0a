/** How far the square of the spirals reaches from its middle. */
export const REACH = 1.2
