"""Operations as commands, operands and beats of the engine; models as memory images and programs of passes."""
