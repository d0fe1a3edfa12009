import * as vscode from "vscode";
import { eachOnce } from "../domain/eachOnce";
import { diagnoseImages } from "../domain/diagnosis/diagnoseImages";
import { isTrouble, type Finding } from "../domain/diagnosis/finding";
import { Failure, isFailure } from "../domain/failure";
import { familiarName, parseImageReference } from "../domain/image/reference";
import type { Redacted } from "../domain/redacted";
import { hostIfAny, hostOfReference, type RegistryHost } from "../domain/registry/host";
import { credentialOf, type Credential, type RegistrySecret, type Scope } from "../domain/secret/secret";
import { findingText } from "../presentation/findingText";
import { explanationReport } from "../presentation/report";
import { hostLabel } from "../presentation/secretRows";
import { t } from "../presentation/words";
import { offerRemedy, type EnvironmentContext } from "./environmentCommands";
import { complaint } from "./formChecks";
import { withCancel } from "./show";
import { ask, pick, type FormStep, type Frame } from "./steps";
import type { ChosenConfig } from "./workspace";

/** What a test needs of what the commands share. */
export type TestContext = EnvironmentContext;

/** The part of a secret that a test is about: it need not be saved yet. */
type Tested = Pick<RegistrySecret, "name" | "scope" | "project" | "host" | "credential">;

/** What a form knows once its fields are filled in. */
interface TestedState {
  readonly host?: RegistryHost;
  readonly scope: Scope;
  readonly project?: string;
  name?: string;
  username?: string;
  password?: Redacted;
  /** The password that stays where none is entered. */
  readonly kept?: Redacted;
  pulls?: string;
}

/**
 * Tries what was entered on an image before it is saved: on the one that the workspace has there, or on one of the
 * person's choice. What fails can be corrected or saved anyway. Left out where nothing may be asked with a credential
 * (an untrusted workspace).
 */
export function testStep(context: TestContext): FormStep<TestedState> {
  return {
    isShown: () => vscode.workspace.isTrusted,
    show: async (known, frame) => {
      const tested = testedOf(known);
      if (!tested) return "skip";
      const { host } = tested;
      const images = await imagesFor(context, tested);
      let image = images.length === 1 ? images[0] : undefined;
      while (image === undefined) {
        const chosen = await chooseForTest(images, frame);
        if (chosen.kind === "save" || chosen.kind === "back") return chosen.kind === "save" ? "next" : "back";
        image = chosen.kind === "image" ? chosen.image : await askForImage(host, frame); // Back leads to the choice
      }
      let finding = await tryWithProgress(context, tested, image);
      while (!finding || isTrouble(finding)) {
        const decision = await decide(tested, finding, image);
        if (decision === "save" || decision === "back") return decision === "save" ? "next" : "back";
        if (decision === "again") finding = await tryWithProgress(context, tested, image);
        else if (finding) await context.reports.show(reportOf(tested, finding), aboutTest(tested));
      }
      await context.reports.renew(reportOf(tested, finding), aboutTest(tested));
      known.pulls = image;
      return "next";
    },
  };
}

/** *Test Secret*: of a row, on one of the workspace's images at that registry, or on one that the person names. */
export async function testSecret(context: TestContext, secret: RegistrySecret): Promise<Finding | undefined> {
  if (!vscode.workspace.isTrusted) {
    throw new Failure(
      "untrusted-workspace",
      t(
        "The credential of {0} is not sent to {1} from a workspace that is not trusted.",
        secret.name,
        secret.host.display,
      ),
      { host: secret.host.key },
    );
  }
  const frame: Frame = { title: t("Test {0}", secret.name), step: 1, total: 1 };
  const images = await imagesFor(context, secret);
  let image = images.length === 1 ? images[0] : undefined;
  if (images.length > 1) {
    const another = { label: `$(edit) ${t("Another image…")}`, image: undefined };
    const items = [...images.map((label) => ({ label, image: label })), another];
    const result = await pick({ ...frame, items, placeholder: t("Which image shall it pull?") });
    if (result.kind === "back") return undefined;
    image = result.value.image;
  }
  image ??= await askForImage(secret.host, frame);
  if (image === undefined) return undefined;
  const finding = await tryWithProgress(context, secret, image);
  if (!finding) return undefined;
  if (isTrouble(finding)) {
    await context.reports.show(reportOf(secret, finding), aboutTest(secret));
    void offerRemedy([finding], context, undefined);
  } else {
    await context.reports.renew(reportOf(secret, finding), aboutTest(secret));
    void vscode.window.showInformationMessage(findingText(finding).title);
  }
  return finding;
}

function reportOf({ name }: Tested, finding: Finding): string {
  return explanationReport(t("Test of {0}", name), undefined, [finding]);
}

const aboutTest = ({ name, scope, project, host }: Tested) => [scope, project, name, host.key].join(" ");

function testedOf({ name, scope, project, host, username, password, kept }: TestedState): Tested | undefined {
  const value = password ?? kept;
  if (host === undefined || username === undefined || value === undefined) return undefined;
  let credential: Credential;
  try {
    credential = credentialOf(host, username, value);
  } catch (error) {
    if (isFailure(error)) return undefined; // saving says what is wrong with it
    throw error;
  }
  return { name: name ?? "", scope, ...(project === undefined ? {} : { project }), host, credential };
}

/** The images that a secret may have to pull: of a project's secret those of the project. */
async function imagesFor(context: TestContext, { scope, project, host }: Tested): Promise<string[]> {
  const projectOf = eachOnce((folder: string) => context.ports.projectOf(folder));
  return await imagesAt(
    context,
    host,
    async ({ folder }) => scope !== "project" || (await projectOf(folder)) === project,
  );
}

/** The workspace's images at a registry, each once, of those configurations that are `wanted`. */
export async function imagesAt(
  { references }: TestContext,
  host: RegistryHost,
  isWanted: (config: ChosenConfig) => Promise<boolean>,
): Promise<string[]> {
  const images = new Set<string>();
  for (const { config, image } of await references.all()) {
    const { reference } = image;
    if (reference && hostIfAny(reference)?.key === host.key && (await isWanted(config)))
      images.add(familiarName(reference));
  }
  return [...images];
}

type Choice = { readonly kind: "image"; readonly image: string } | { readonly kind: "ask" | "save" | "back" };

async function chooseForTest(images: readonly string[], frame: Frame): Promise<Choice> {
  const item = (label: string, description: string, choice: Choice) => ({ label, description, choice });
  const save = item(`$(save) ${t("Save")}`, t("without a test"), { kind: "save" });
  const other = item(`$(beaker) ${t("Test with an image…")}`, t("then save"), { kind: "ask" });
  const tests = images.map((image) =>
    item(`$(beaker) ${t("Test with {0}", image)}`, t("then save"), { kind: "image", image }),
  );
  const items = images.length === 0 ? [save, other] : [...tests, other, save];
  const result = await pick({ ...frame, items, placeholder: t("Can it pull? A login alone does not tell.") });
  return result.kind === "back" ? result : result.value.choice;
}

/** An image at this registry: to any other the credential is not sent. */
async function askForImage(host: RegistryHost, frame: Frame): Promise<string | undefined> {
  const result = await ask({
    ...frame,
    prompt: t("An image at {0} that it shall pull", hostLabel(host)),
    placeholder: t("e.g. {0}", `${host.display}/acme/app:1`),
    value: `${host.display}/`,
    isPrefix: true,
    check: (value, accepted) =>
      accepted
        ? complaint(() => {
            const reference = parseImageReference(value.trim());
            if (hostOfReference(reference).key !== host.key)
              return t("{0} is not at {1}.", value.trim(), hostLabel(host));
            return undefined;
          })
        : undefined,
  });
  return result.kind === "back" ? undefined : familiarName(parseImageReference(result.value.trim()));
}

/** What the registry answers for this image and credential; undefined if the person did not wait for it. */
async function tryWithProgress(context: TestContext, tested: Tested, image: string): Promise<Finding | undefined> {
  const title = t("Testing {0} with {1}", tested.name, image);
  const once = () =>
    withCancel(title, async (signal) => {
      try {
        return await tryImage(context, tested, image, signal);
      } catch (error) {
        if (isFailure(error, "cancelled")) return undefined;
        throw error;
      }
    });
  const finding = await once();
  if (finding?.code !== "unknown-token-realm" || finding.realm === undefined || !URL.canParse(finding.realm))
    return finding;
  return (await context.agreedRealms.ask(tested.host, new URL(finding.realm).host)) ? await once() : finding;
}

async function tryImage({ ports, agreedRealms }: TestContext, tested: Tested, image: string, signal: AbortSignal) {
  const now = Date.now();
  // the person may have signed in to the cloud since
  ports.logins.forget();
  const secret: RegistrySecret = { ...tested, id: "", createdAt: now, updatedAt: now };
  // the view compares who answers now with who pulled an environment's image
  if (tested.credential.kind === "runner-native") await ports.logins.whoAnswers(tested.host, signal);
  const [finding] = await diagnoseImages(
    [{ file: "", range: { start: 0, end: 0 }, role: "image", text: image, reference: parseImageReference(image) }],
    {
      prober: ports.prober(agreedRealms.list()),
      lookUp: ports.lookUp(new Map([[tested.host.key, { secret, shadowed: [] }]])),
    },
    { signal },
  );
  return finding;
}

type Decision = "back" | "save" | "again" | "report";

/** What to do after a test that did not succeed: closing the question leads back to the form. */
async function decide({ name }: Tested, finding: Finding | undefined, image: string): Promise<Decision> {
  const item = (title: string, value: Decision) => ({ title, value });
  const save = item(t("Save Anyway"), "save");
  const again = item(t("Test Again"), "again");
  if (!finding) {
    const text = t("The test of {0} with {1} was stopped.", name, image);
    return (await vscode.window.showWarningMessage(text, { modal: true }, again, save))?.value ?? "back";
  }
  const { title, remedies } = findingText(finding);
  // a wrong password is tried once: registries lock accounts
  const isWrong = WRONG.has(finding.code);
  const detail = isWrong ? title : [title, ...remedies.slice(0, 1)].join("\n\n");
  const text = t("{0} cannot pull {1}", name, image);
  const items = [
    item(t("Change It"), "back"),
    save,
    ...(isWrong ? [] : [again]),
    item(t("Show What Was Found"), "report"),
  ];
  return (await vscode.window.showWarningMessage(text, { modal: true, detail }, ...items))?.value ?? "back";
}

const WRONG: ReadonlySet<Finding["code"]> = new Set(["wrong-credential", "expired-credential", "locked-out"]);
