"""Paper 1's rows: Decoupled Learning for Conditional Adversarial Networks."""

from reproduction.paper1 import adaptations, boost, coupling, lambda_study, toy

ROWS = (toy.ROW, *lambda_study.ROWS, boost.ROW, *adaptations.ROWS, coupling.ROW)
