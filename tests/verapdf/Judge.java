import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Judges the PDFs whose paths stand on standard input, one a line; answers with lines of fields between tabs. */
public class Judge {
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws Exception {
        LogManager.getLogManager().reset();
        VeraGreenfieldFoundryProvider.initialise();
        PDFAFlavour flavour = PDFAFlavour.byFlavourId(arguments[0]);
        BufferedReader paths = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String path = paths.readLine(); path != null; path = paths.readLine()) {
            judge(path, flavour);
        }
        System.exit(0);
    }

    /** One line for each test that fails, then `done` with the verdict; or `unread` with the reason. */
    private static void judge(String path, PDFAFlavour flavour) {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(path), flavour)) {
            PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false);
            ValidationResult result = validator.validate(parser);
            for (TestAssertion test : result.getTestAssertions()) {
                if (test.getStatus() == TestAssertion.Status.FAILED) {
                    String clause = test.getRuleId().getClause();
                    String number = String.valueOf(test.getRuleId().getTestNumber());
                    say("failed", path, clause, number, test.getMessage(), test.getLocation().getContext());
                }
            }
            say("done", path, String.valueOf(result.isCompliant()));
        } catch (Throwable fault) {
            say("unread", path, fault.toString());
        }
    }

    private static void say(String... fields) {
        StringBuilder line = new StringBuilder();
        for (String field : fields) {
            line.append(line.length() == 0 ? "" : "\t").append(String.valueOf(field).replaceAll("\\s+", " "));
        }
        OUT.println(line);
    }
}
