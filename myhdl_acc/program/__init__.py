"""Operations as commands, operands and beats of the engine."""
