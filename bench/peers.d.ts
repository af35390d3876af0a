// The libraries measured against are installed in this folder only, and are untyped here:
// the types of the rest of the repository do not wait for that install.
declare module '@tensorflow/tfjs'
