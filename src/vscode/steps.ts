import * as vscode from "vscode";

/** What a step gives: its answer, or the wish to go back. Closing the input ends the whole form. */
export type StepResult<T> = { readonly kind: "answer"; readonly value: T } | { readonly kind: "back" };

interface Frame {
  readonly title: string;
  readonly step: number;
  readonly total: number;
}

interface PickStep<T extends vscode.QuickPickItem> extends Frame {
  readonly items: readonly T[];
  readonly placeholder: string;
  readonly active?: T | undefined;
}

interface InputStep extends Frame {
  readonly prompt: string;
  readonly placeholder?: string;
  readonly value?: string;
  readonly password?: boolean;
  readonly buttons?: readonly (vscode.QuickInputButton & { readonly url: string })[];
  /** What is wrong with the text, or a remark on it; `undefined` if it is fine. An error forbids to go on. */
  check(value: string, accepted: boolean): Check | undefined | Promise<Check | undefined>;
}

export interface Check {
  readonly text: string;
  readonly isError: boolean;
  /** A remark that should not be overlooked, and does not forbid to go on. */
  readonly isWarning?: boolean;
}

/** A step with a list. Throws `CancellationError` when it is closed. */
export async function pick<T extends vscode.QuickPickItem>(step: PickStep<T>): Promise<StepResult<T>> {
  const input = vscode.window.createQuickPick<T>();
  input.items = step.items;
  input.placeholder = step.placeholder;
  input.matchOnDescription = true;
  if (step.active) input.activeItems = [step.active];
  return await show(input, step, (done) => {
    input.onDidAccept(() => {
      const [item] = input.selectedItems;
      if (item) done({ kind: "answer", value: item });
    });
  });
}

/** A step with a text. Throws `CancellationError` when it is closed. */
export async function ask(step: InputStep): Promise<StepResult<string>> {
  const input = vscode.window.createInputBox();
  input.prompt = step.prompt;
  input.placeholder = step.placeholder;
  input.value = step.value ?? "";
  input.password = step.password ?? false;
  const { Info, Warning } = vscode.InputBoxValidationSeverity;
  const show_ = (check: Check | undefined) => {
    input.validationMessage =
      check &&
      (check.isError ? check.text : { message: check.text, severity: check.isWarning === true ? Warning : Info });
  };
  return await show(
    input,
    step,
    (done) => {
      let asked = 0;
      const check = async (accepted: boolean) => {
        const turn = ++asked;
        const found = await step.check(input.value, accepted);
        if (turn === asked) show_(found);
        return found;
      };
      if (input.value !== "") void check(false);
      input.onDidChangeValue(() => void check(false));
      input.onDidAccept(async () => {
        const { value } = input;
        input.busy = true;
        const found = await check(true);
        input.busy = false;
        if (found?.isError !== true && value === input.value) done({ kind: "answer", value });
      });
    },
    step.buttons,
  );
}

function show<T>(
  input: vscode.QuickInput & {
    buttons: readonly vscode.QuickInputButton[];
    onDidTriggerButton: vscode.Event<vscode.QuickInputButton>;
  },
  { title, step, total }: Frame,
  wire: (done: (result: StepResult<T>) => void) => void,
  buttons: readonly (vscode.QuickInputButton & { readonly url: string })[] = [],
): Promise<StepResult<T>> {
  return new Promise<StepResult<T>>((resolve, reject) => {
    let result: StepResult<T> | undefined;
    input.title = title;
    input.step = step;
    input.totalSteps = total;
    // the person may have to fetch the token from somewhere else: the form stays
    input.ignoreFocusOut = true;
    input.buttons = step > 1 ? [vscode.QuickInputButtons.Back, ...buttons] : buttons;
    const done = (given: StepResult<T>) => {
      result = given;
      input.hide();
    };
    input.onDidTriggerButton((button) => {
      const link = buttons.find((own) => own === button);
      if (link) void vscode.env.openExternal(vscode.Uri.parse(link.url));
      else done({ kind: "back" });
    });
    input.onDidHide(() => {
      input.dispose();
      if (result) resolve(result);
      else reject(new vscode.CancellationError());
    });
    wire(done);
    input.show();
  });
}

/** A step of a form: it may read and extend what is known so far, and says whether it was shown at all. */
export type FormStep<S> = (
  state: S,
  frame: { readonly step: number; readonly total: number },
) => Promise<"next" | "back" | "skip">;

/** Runs the steps in order; Back goes to the last one that was shown. */
export async function runForm<S>(
  state: S,
  steps: readonly FormStep<S>[],
  countShown: (state: S) => number,
): Promise<S> {
  const shown: number[] = [];
  for (let index = 0; index < steps.length;) {
    const step = steps[index];
    if (!step) break;
    const outcome = await step(state, { step: shown.length + 1, total: countShown(state) });
    if (outcome === "back") index = shown.pop() ?? 0;
    else {
      if (outcome === "next") shown.push(index);
      index++;
    }
  }
  return state;
}
