// Package rule holds the decisions: pure functions from values to values, with
// the Why that explains them. Nothing here reads a clock or reaches outside.
package rule
